-- Takes the users table away again; its rows go with it, so make a backup first.

DROP INDEX users_email_key;
DROP TABLE users;
