-- Which load the places and organisations come from: the hierarchies are read again when it changes.
-- params:
-- publish:
select coalesce(max(batch_id), 0) as mark from import_batch
