pstat2pb none.prof none.prof
