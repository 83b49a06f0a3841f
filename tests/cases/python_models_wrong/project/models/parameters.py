def model(session):
    return session
