// What is said while the server cannot be reached, by connection.js and live.js.

const LOST = "Connection lost. Reconnecting automatically.";

