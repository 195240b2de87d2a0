# --label for profiles that have none of their own; the last of a key holds
printf '{release=r1};main;parse 3\nmain 4\n' >run.folded
pb2rows --csv --label release=r2 -l host=h1 --label host=h2 -l service=a=b run.folded
profconv -t rows -l host= run.folded | head -n 1
pb2rows --label thread=1 run.folded
echo "status $?"
pb2rows --label host run.folded
echo "status $?"
profconv -t folded --label host=h1 run.folded
