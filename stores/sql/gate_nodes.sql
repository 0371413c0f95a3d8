-- All nodes of both hierarchies, as far as they carry counts, for consistent rounding.
-- params:
-- publish:
select basis, node_id, level, parent_id from node order by basis, node_id
