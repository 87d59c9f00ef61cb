-- The tables of version 1, as it made them.
CREATE TABLE conversations (
	id VARCHAR NOT NULL,
	mode VARCHAR NOT NULL,
	title VARCHAR NOT NULL,
	created FLOAT NOT NULL,
	updated FLOAT NOT NULL,
	options JSON NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX conversations_by_update ON conversations (updated);
CREATE TABLE runs (
	id VARCHAR NOT NULL,
	conversation VARCHAR NOT NULL,
	status VARCHAR NOT NULL,
	model VARCHAR NOT NULL,
	started FLOAT NOT NULL,
	ended FLOAT,
	prompt_tokens INTEGER NOT NULL,
	completion_tokens INTEGER NOT NULL,
	seconds FLOAT NOT NULL,
	cost FLOAT,
	PRIMARY KEY (id),
	FOREIGN KEY(conversation) REFERENCES conversations (id)
);
CREATE INDEX runs_by_conversation ON runs (conversation, started);
CREATE UNIQUE INDEX one_live_run ON runs (conversation) WHERE ended IS NULL;
CREATE TABLE events (
	conversation VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	run VARCHAR NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (conversation, seq),
	FOREIGN KEY(conversation) REFERENCES conversations (id),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
CREATE TABLE partials (
	run VARCHAR NOT NULL,
	position INTEGER NOT NULL,
	source VARCHAR NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (run, position),
	FOREIGN KEY(run) REFERENCES runs (id)
)
 WITHOUT ROWID;
CREATE TABLE snapshots (
	conversation VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	run VARCHAR NOT NULL,
	patch JSON NOT NULL,
	PRIMARY KEY (conversation, seq),
	FOREIGN KEY(conversation) REFERENCES conversations (id),
	FOREIGN KEY(run) REFERENCES runs (id)
);
