select {{ "'" ~ session.time ~ "'" if session else "'no session'" }} as said
