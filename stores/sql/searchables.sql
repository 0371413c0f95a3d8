-- What can be looked for by name, and where does the wall open it?
-- params: 
-- publish: kind, id, name, name_en, parent_name, place_id = public
select kind, id, name, name_en, parent_name, place_id
from searchable
order by kind, id
