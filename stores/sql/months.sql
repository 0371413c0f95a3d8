-- Which months have data?
-- params: 
-- publish: month = month
select month from month order by month
