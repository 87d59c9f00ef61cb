-- What version 4 had otherwise than version 3.
DROP TABLE said_words;
DROP VIEW said_text;
DROP TABLE events;
CREATE TABLE events (
	conversation VARCHAR NOT NULL,
	seq INTEGER NOT NULL,
	run VARCHAR NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (conversation, seq),
	FOREIGN KEY(conversation) REFERENCES conversations (id),
	FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE INDEX events_by_run ON events (run);
CREATE VIEW said_text AS
    SELECT said.id, said.conversation, said.seq, coalesce(
        json_extract(events.body, '$.text'),
        json_extract(events.body, '$.title') || coalesce(' · ' || json_extract(events.body, '$.description'), ''),
        conversations.title) AS text
    FROM said JOIN conversations ON conversations.id = said.conversation
    LEFT JOIN events ON events.conversation = said.conversation AND events.seq = said.seq;
CREATE VIRTUAL TABLE said_words USING fts5(
        text, content='said_text', content_rowid='id', tokenize="unicode61 remove_diacritics 2"
    );
