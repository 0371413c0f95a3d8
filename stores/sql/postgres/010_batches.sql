-- Rows that came after a load are found without reading a whole table. In a new database the tables come later and
-- bring these indexes with them (stores/pg_layout.py).
do $batches$
declare
    name text;
begin
    foreach name in array array['attendance', 'study_record', 'position_use', 'activity', 'member', 'dues_status'] loop
        if to_regclass('facts.' || name) is not null then
            execute format(
                'create index if not exists %I on facts.%I (import_batch_id, updated_at)', name || '_batch', name
            );
        end if;
    end loop;
end
$batches$;
