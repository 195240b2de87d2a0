# What is no profile of a kind that is read, but known by sight, is named with the way out.
printf -- '--- contentionz 1 ---\n  19490304       27 @ 0xbccc97\n' >contention
printf 'goroutine profile: total 7\n1 @ 0x44cb3 0x45045\n' >goroutine
printf '# callgrind format\nevents: Ticks\n' >callgrind
printf '\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\020\047\0\0\0\0\0\0' >cpu
printf 'memray\0\013\0\0\0' >capture
printf 'PERFILE2\150\0\0\0' >perf
for file in contention goroutine callgrind cpu capture perf; do
    profconv $file
done
# Text in which folded stacks are found is read all the same.
printf -- '--- heapy;f 2\n' | pb2folded
