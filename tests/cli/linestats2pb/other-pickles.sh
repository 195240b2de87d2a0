# a pickle that is not line_profiler's is refused by what it names, and never run
printf '\200\002cos\nsystem\nU\010echo RUN\205R.' >evil.lprof
linestats2pb evil.lprof
printf '\200\002cyappi\nYFuncStats\n)\201.' >ystat
linestats2pb ystat
