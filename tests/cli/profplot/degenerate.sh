# one point, equal values, nothing but zeros, values and times near the ends of 64 bits
printf 'MEM 5.0 1.0\n' | profplot --to text --width 30
printf 'MEM 5.0 1.0\nMEM 5.0 2.0\n' | profplot --to text --width 30
printf 'MEM 0.0 1.0\nMEM 0.0 2.0\n' | profplot --to text --width 30
printf 'MEM 8e9 -9e9\nMEM 1.0 9e9\n' | profplot --to text --width 30
for points in 'MEM 5.0 1.0\n' 'MEM 5.0 1.0\nMEM 5.0 2.0\n' 'MEM 0.0 1.0\n' 'MEM 8e9 -9e9\nMEM 1.0 9e9\n' 'FUNC f 1.0 1.0 2.0 2.0\n'; do
    printf "$points" | profplot | grep -E 'class="tick"|class="line|class="call' | sed 's/<g><title>.*/<g>/'
done
