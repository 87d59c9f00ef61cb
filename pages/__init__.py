"""The pages people see. Each file is one page; what they share is in `pages.ui`."""
