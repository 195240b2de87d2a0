# what waits goes; what makes an event loop wait stays
cat >in.folded <<'X'
run (threading.py:975);_worker (concurrent/futures/thread.py:81) 100
main (app.py:3);run_forever (asyncio/base_events.py:600);_run_once (asyncio/base_events.py:1890);select (selectors.py:468) 200
main (app.py:3);run_forever (asyncio/base_events.py:600);_run_once (asyncio/base_events.py:1914);_run (asyncio/events.py:80);handler (app.py:9);wait (threading.py:320) 7
main (app.py:3);work (app.py:5) 5
main (app.py:3);select (app.py:6) 3
X
profgrep --no-idle in.folded | pb2folded
echo austin tells it itself
printf '%s\n' '# austin: 3.4.0' '# mode: full' 'P1;T2;app.py:f:3 57,1,0' 'P1;T2;app.py:g:4 20,0,0' >full.austin
profgrep --no-idle full.austin | pb2folded -q
echo asyncio logs only what blocks
echo 'Executing <Handle sleep(0.012) created at a.py:3> took 0.012 seconds' | profgrep --no-idle | pb2folded -q
echo the table of cProfile
profgrep --no-idle <"$TESTS/formats/pstat/cprofile-3.11/input.prof" | proftop --csv -n 3
