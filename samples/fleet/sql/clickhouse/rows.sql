-- rows.sql - on each server: its share of the table.
CREATE TABLE IF NOT EXISTS samples_here (
    profile String, service String, release String, host String, ts Int64, metric String, unit String,
    function String, file String, line Int64, self Int64, cum Int64, total Int64
) ENGINE = MergeTree PARTITION BY (service, release) ORDER BY (metric, function, ts)
