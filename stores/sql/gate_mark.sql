-- For the gate's rounding only: what changes when the hierarchies change?
-- params: 
-- publish: mark = public
select value as mark from meta where key = 'tree_mark'
