select {{ function('halvd') }}(1) as a
