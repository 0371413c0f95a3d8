-- From which files did a table come, and what became of their rows?
-- params: table_name
-- publish: batch_id, file, layout, loaded_at, read, accepted, rejected, duplicate = public
select f.batch_id, f.file, f.layout, b.finished_at as loaded_at, f.read, f.accepted, f.rejected, f.duplicate
from import_file f
join import_batch b on b.batch_id = f.batch_id
where f.table_name = $table_name
order by f.batch_id desc, f.file
