-- table.sql - lines of pb2rows to a Parquet file; the variables `rows` and `parquet` name both.
SET preserve_insertion_order = false;
COPY (
    SELECT * FROM read_json(getvariable('rows'), format = 'newline_delimited', columns = {
        profile: 'VARCHAR', service: 'VARCHAR', release: 'VARCHAR', host: 'VARCHAR', ts: 'BIGINT',
        metric: 'VARCHAR', unit: 'VARCHAR', function: 'VARCHAR', file: 'VARCHAR', line: 'BIGINT',
        self: 'BIGINT', cum: 'BIGINT', total: 'BIGINT'})
) TO (getvariable('parquet')) (FORMAT parquet, COMPRESSION zstd);
