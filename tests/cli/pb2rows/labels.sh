# service, release and host are columns; each group has rows and a total of its own
cat >labelled.folded <<'END'
{release=r1};{service=web};main;parse 3
{release=r2};{service=web};main;parse 4
{release=r2};{service=web};{thread=t};main 5
{profile=p1};{host=h1};main 6
END
pb2rows --csv labelled.folded
