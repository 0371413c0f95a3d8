-- How old is what the store knows?
-- params: 
-- publish: as_of, loaded_at, last_event_at, data_label, batches, rejected = public
select
    max(case when key = 'data_as_of' then cast(value as date) end) as as_of,
    max(case when key = 'loaded_at' then cast(value as timestamp) end) as loaded_at,
    max(case when key = 'last_event_at' then cast(value as timestamp) end) as last_event_at,
    max(case when key = 'data_label' then value end) as data_label,
    coalesce(max(case when key = 'batches' then cast(value as bigint) end), 0) as batches,
    coalesce(max(case when key = 'rejected' then cast(value as bigint) end), 0) as rejected
from meta
