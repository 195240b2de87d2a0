proflist f </dev/null
