# small siblings are summed up, and nothing is lost
printf 'main;a 90\nmain;b 4\nmain;c 3\nmain;d;e 3\n' >m.folded
proftree --min 5% m.folded
proftree --min 0 m.folded
proftree --depth 1 m.folded
proftree --csv m.folded
proftree --markdown --min 5% m.folded
proftree --min 101% m.folded
