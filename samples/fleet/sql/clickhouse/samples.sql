-- samples.sql - on each server: the whole table, over the servers of the cluster `fleet`. All rows of a profile go to one.
CREATE TABLE IF NOT EXISTS samples AS samples_here
ENGINE = Distributed(fleet, default, samples_here, cityHash64(profile, host))
