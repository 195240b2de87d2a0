profconv old.prof --to
