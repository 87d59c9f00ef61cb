"""Values and storage. No framework: nothing here imports Streamlit or AutoGen."""
