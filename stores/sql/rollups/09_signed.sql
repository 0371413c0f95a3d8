-- How many signed in at each activity; observers, duplicates and refused cards do not count.
select activity_id, count(*) as n
from attendance
where state in ('valid', 'late')
group by activity_id
