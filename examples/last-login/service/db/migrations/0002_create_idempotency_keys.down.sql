-- Takes the stored answers away again; they are worth a day at most.

DROP INDEX idempotency_keys_created_at;
DROP TABLE idempotency_keys;
