-- What version 3 had otherwise than version 2.
DROP TABLE snapshots;
DROP TABLE runs;
ALTER TABLE conversations ADD COLUMN tip VARCHAR;
ALTER TABLE conversations ADD COLUMN titled_by VARCHAR DEFAULT 'prompt' NOT NULL;
CREATE TABLE runs (
	id VARCHAR NOT NULL,
	conversation VARCHAR NOT NULL,
	parent VARCHAR,
	continues BOOLEAN DEFAULT 0 NOT NULL,
	status VARCHAR NOT NULL,
	model VARCHAR NOT NULL,
	started FLOAT NOT NULL,
	ended FLOAT,
	prompt_tokens INTEGER NOT NULL,
	completion_tokens INTEGER NOT NULL,
	seconds FLOAT NOT NULL,
	cost FLOAT,
	PRIMARY KEY (id),
	FOREIGN KEY(conversation) REFERENCES conversations (id),
	FOREIGN KEY(parent) REFERENCES runs (id)
);
CREATE INDEX runs_by_parent ON runs (conversation, parent, started);
CREATE INDEX runs_by_conversation ON runs (conversation, started);
CREATE UNIQUE INDEX one_live_run ON runs (conversation) WHERE ended IS NULL;
CREATE TABLE snapshots (
	run VARCHAR NOT NULL,
	conversation VARCHAR NOT NULL,
	base VARCHAR,
	patch BLOB NOT NULL,
	PRIMARY KEY (run),
	FOREIGN KEY(run) REFERENCES runs (id),
	FOREIGN KEY(conversation) REFERENCES conversations (id),
	FOREIGN KEY(base) REFERENCES runs (id)
);
CREATE INDEX snapshots_by_conversation ON snapshots (conversation);
