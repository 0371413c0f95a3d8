-- How old is what the store knows?
-- params: 
-- publish: as_of, loaded_at, last_event_at, data_label, batches, rejected = public
select
    (select cast(value as date) from meta where key = 'data_as_of') as as_of,
    (select max(finished_at) from import_batch) as loaded_at,
    (select cast(value as timestamp) from meta where key = 'last_event_at') as last_event_at,
    (select value from meta where key = 'data_label') as data_label,
    (select count(*) from import_batch) as batches,
    (select cast(coalesce(sum(rejected), 0) as bigint) from import_file) as rejected
