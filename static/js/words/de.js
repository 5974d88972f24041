// Made from the catalogue by config/messages.py.
window.words = {};
