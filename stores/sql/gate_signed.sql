-- For the live intake only: who has signed in at this activity already?
-- params: activity
-- publish: member_pid = public
select member_pid from attendance where activity_id = $activity
