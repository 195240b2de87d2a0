# 64 bits are the limit: told, with the function; or held there when that is asked for
printf 'main;work 9000000000000000000\n' >big
profmerge big big | profinfo
profmerge --saturate big big | pb2folded
