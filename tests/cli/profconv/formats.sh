profconv --formats
