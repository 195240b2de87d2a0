# samples of one thread that know when they were taken stand in that order; of several, summed up, as one axis does not hold them
spans() { printf '{"traceEvents":['; printf '%s' "$1"; printf ']}'; }
one='{"name":"main","ph":"X","ts":0,"dur":90,"pid":1,"tid":1},{"name":"zip","ph":"X","ts":10,"dur":20,"pid":1,"tid":1},
{"name":"add","ph":"X","ts":40,"dur":30,"pid":1,"tid":1},{"name":"zip","ph":"X","ts":75,"dur":10,"pid":1,"tid":1}'
spans "$one" | pb2speedscope
spans "$one,"'{"name":"zip","ph":"X","ts":5,"dur":10,"pid":1,"tid":2}' | pb2speedscope
spans "$one" | pb2speedscope -q | speedscope2pb | proftop -n 3
