-- For counting warnings: which is the data date?
-- params: 
-- publish: as_of = public
select cast(as_of as varchar) as as_of from rule
