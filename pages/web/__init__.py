"""What the server answers beside Streamlit's pages. Nothing here imports Streamlit."""
