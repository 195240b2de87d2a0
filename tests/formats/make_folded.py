#!/usr/bin/env python3
"""make_folded.py [CASE...] - the inputs of the cases of folded stacks, by the layouts of their writers.

py-spy's lines follow its raw format, Tachyon's CPython 3.15's --collapsed, austin's those of 1.0.1 (Debian) and 3.x.
"""
import sys

from make import CASES, SUFFIX, case, main

SUFFIX["foldeddiff"] = "folded"
THEIRS = set(CASES)


# ---- py-spy

@case("folded/py-spy-threads")
def pyspy_threads():
    """The name of a thread goes on until a frame follows: it may hold semicolons, quotes and parentheses."""
    return ('thread (25449): ast; worker "2";_bootstrap (threading.py:1002);run (threading.py:982);dump (ast.py:177) 41\n'
            'thread (25448): Thread-1 (cpu_json);_bootstrap (threading.py:1002);dumps (json/__init__.py:238) 57\n'
            'thread (25451): Слипер;_bootstrap (threading.py:1002);sleeper (app.py:19) 92\n'
            'thread (0x7F8C4A84F700);_bootstrap (threading.py:1002) 3\n'
            'thread (25452): idle 2\n'
            'thread (25448): Thread-1 (cpu_json);_bootstrap (threading.py:1002);dumps (json/__init__.py:234) 1\n').encode()


@case("folded/py-spy-processes")
def pyspy_processes():
    """Command lines are not escaped: quotes, blanks and semicolons are theirs."""
    return (b'process 1:"sh -c "a; b" x";process 20:"python3 app.py; --x "a b"";thread (21): MainThread;<module> (app.py:3) 7\n'
            b'process 20:"python3 app.py; --x "a b"";thread (22): w";x;run (app.py:9) 5\n'
            b'process 20:"python3 app.py; --x "a b"";<module> (app.py:4) 2\n'
            b'process 30:"echo "1";2";f (app.py:5) 1\n')


@case("folded/py-spy-native")
def pyspy_native():
    return (b"_start (python3.11);main (python3.11);foo<int, 3> (lib_x.so);0x7f12ab (libc.so.6);<module> (app.py) 4\n"
            b"operator new(unsigned long) (libstdc++.so.6);run 3\n")


# ---- Tachyon

@case("folded/tachyon")
def tachyon():
    return (b"tid:139826118547136;threading.py:_bootstrap:1002;app.py:sleeper:19 92\n"
            b"tid:139826126956224;threading.py:_bootstrap:1002;app.py:<genexpr>:15;<GC> 83\n"
            b"tid:139826126956224;threading.py:_bootstrap:1002;<native> 5\n"
            b"tid:7;<task>:Task-1:0;app.py:work:3 2\n"
            b"tid:7 1\n")


# ---- austin

@case("folded/austin3")
def austin3():
    """Metadata may stand anywhere; a sample without frames; the collector of garbage."""
    return (b"# austin: 3.6.0\n# interval: 100\n# mode: wall\n# python: 3.11.2\n"
            b"P403;T403;app.py:<module>:9;app.py:parse:4 57\n"
            b"P403;T404;app.py:<module>:9;app.py:parse:4 1300\n"
            b"P403;T403;C:\\x.py:f:3;:GC: 12\n"
            b"P403;T403 5\n"
            b"P405;T0:7f2a;<frozen importlib._bootstrap>:_load:671;a.py:Thread.run:8 40\n"
            b"# duration: 1038089\n# sampling: 1,2,3\n# saturation: 1/100\n# errors: 0/100\n# count: 5\n")


@case("folded/austin3-memory")
def austin3_memory():
    return (b"# austin: 3.4.0\n# interval: 100\n# mode: memory\n"
            b"P1;T2;a.py:f:3 4096\nP1;T2;a.py:g:5 -1024\nP1;T2;a.py:f:3 100\n")


@case("folded/austin3-full")
def austin3_full():
    """time,idle,bytes: what an idle thread did is labelled."""
    return (b"# austin: 3.4.0\n# mode: full\n"
            b"P1;T2;a.py:f:3 57,0,4096\nP1;T2;a.py:f:3 100,1,0\nP1;T2;a.py:f:3 3,0,-1024\nP1;T2 9,1,0\n")


@case("folded/austin3-odd-lines")
def austin3_odd_lines():
    return (b"P403;T87;__main__.py:base:2;decorators.py:wrapper:4);logging.py:top:42 12\n"
            b"P403;T87;a.py:f: 5\nP403;T87;a.py:f:3 5,x\nP403;T87;a.py:f:3 5,1,2\nP403;T87;a.py:f:3\n")


@case("folded/austin1")
def austin1():
    """A frame is two elements, its line is the second one."""
    return (b"Thread 5597b0ee3e30 4523\n"
            b"Thread 5597b0ee3e30;<module> (a b.py);L1;_find_and_load (<frozen importlib._bootstrap>);L991 4591\n"
            b"Thread 5597b0ee3e30;<module> (a b.py);L7;L3 (x);L4 1396\n"
            b"Thread 7f27edefb80;<module> (a b.py);L7 0\n")


@case("folded/austin1-alt")
def austin1_alt():
    return b"Thread 7f;<module> (a.py:1);f (/opt/x.py:27) 4591\nThread 7f;<module> (a.py:1) 9\n"


@case("folded/austin1-children")
def austin1_children():
    return (b"Process 28096;Thread 5643b5befe20;f (a.py);L991 7\nProcess 28100;Thread 7fe58f89c8c0;f (a.py);L991 8\n"
            b"Process 28096;Thread 7fe58f89c8c0 12377\n")


@case("folded/austin1-memory")
def austin1_memory():
    """Nothing says that these are KB, but that all of them are whole pages."""
    return b"".join(b"Thread 7f;f (w.py);L%d %d\n" % (k % 3, 4 * (k * k % 23)) for k in range(20))


@case("folded/austin1-full")
def austin1_full():
    """Time, and KB that were allocated and freed."""
    return (b"Thread 55ddb9710db0;<module> (w.py);L7;f (w.py);L3 450 4112 0\n"
            b"Thread 55ddb9710db0;<module> (w.py);L7;f (w.py);L3 2200 448 -768\nThread 55ddb9710db0 212 0 0\n")


@case("folded/austin-and-others")
def austin_and_others():
    return b"P1;T2;a.py:f:3 57\nmain;f 3\n"


@case("folded/austin-too-large")
def austin_too_large():
    """Fits 63 bits as microseconds, not as nanoseconds."""
    return b"P1;T2;a.py:f:3 9223372036854775\nP1;T2;a.py:g:3 9223372036854775\n"


@case("folded/mojo")
def mojo():
    return b"MOJ\x03\x01austin\x003.4.0\x00"


# ---- FlameGraph and inferno

@case("folded/annotations")
def annotations():
    return b"java;f_[j];g_[i];do_syscall_64_[k] 5\nperf;module`f+0x1f;[unknown];try_to_wake_up_[w] 2\n"


@case("folded/fractions")
def fractions():
    return b"a;b 1.5\na;b 1.5\na;c 0.3333333333\na;d 2.\n"


@case("folded/two-columns")
def two_columns():
    """Without --from foldeddiff, the second count is taken, and that is told."""
    return b"a;b 5 7\na;c 3 0\n"


@case("foldeddiff/two-columns")
def difference():
    return (b"a;b 5 7\na;c 3 0\na;new 0 4\na;half 1.5 2.5\n"
            b'thread (7): main;f (a.py:3) 10 9\n')


@case("foldeddiff/one-column-lines")
def one_column_lines():
    return b"a;b 5 7\na;c 3\n\nwords\n"


@case("foldeddiff/no-good-line")
def no_good_line():
    return b"a;b 5\n"


if __name__ == "__main__":
    sys.argv[1:] = sys.argv[1:] or [name for name in CASES if name not in THEIRS]
    main()
