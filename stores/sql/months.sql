-- Which months have data?
-- params: 
-- publish: month = month
select month from months order by month
