# a format that there is not is refused before anything is written
echo "main;work 3" >run.folded
proflist -o x.pdf main run.folded
echo "$?"
ls
