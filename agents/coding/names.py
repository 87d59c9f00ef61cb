"""What the two are called: their AutoGen names, which are the sources of what they say."""

ASSISTANT = "assistant"
EXECUTOR = "code_executor"
