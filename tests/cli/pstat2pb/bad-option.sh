pstat2pb --nope
