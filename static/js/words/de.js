// Made from the catalogue by config/messages.py.
window.words = {
 "%(column)s, row %(number)s": "%(column)s, Zeile %(number)s",
 "%(count)s colleague. Arrow keys choose, Enter takes.": [
  "%(count)s Person gefunden. Pfeiltasten wählen, Enter übernimmt.",
  "%(count)s Personen gefunden. Pfeiltasten wählen, Enter übernimmt."
 ],
 "%(count)s field is not settled: %(names)s.": [
  "%(count)s Feld ist nicht geklärt: %(names)s.",
  "%(count)s Felder sind nicht geklärt: %(names)s."
 ],
 "%(minutes)s minute left": [
  "noch %(minutes)s Minute",
  "noch %(minutes)s Minuten"
 ],
 "%(who)s: “%(text)s”": "%(who)s: „%(text)s“",
 "%s is already the key of “%s”.": "%s ist schon die Taste für „%s“.",
 "%s late": "%s überfällig",
 "%s left": "noch %s",
 "%s minute": [
  "%s Minute",
  "%s Minuten"
 ],
 "%s of %s": "%s von %s",
 "%s second": [
  "%s Sekunde",
  "%s Sekunden"
 ],
 "%s suggestion, arrow keys to choose": [
  "%s Vorschlag, Pfeiltasten wählen",
  "%s Vorschläge, Pfeiltasten wählen"
 ],
 "%s: %s": "%s: %s",
 "%s; asks twice": "%s; fragt nach",
 "All fields are settled.": "Alle Felder sind geklärt.",
 "All is well again.": "Alles ist wieder in Ordnung.",
 "Browsers and screen readers need that key.": "Browser und Screenreader brauchen diese Taste.",
 "Cases": "Vorgänge",
 "Choose a cell first; then draw a region for it.": "Wählen Sie zuerst eine Zelle; ziehen Sie dann einen Ausschnitt für sie auf.",
 "Choose a field first; then draw a region for it.": "Wählen Sie zuerst ein Feld, dann ziehen Sie einen Ausschnitt dafür auf.",
 "Choose at least one reason.": "Wählen Sie mindestens einen Grund.",
 "Choose the four principal reasons at most.": "Wählen Sie höchstens die vier wichtigsten Gründe.",
 "Ctrl": "Strg",
 "Drag a box around %s. Arrows move it, Shift and arrows resize it, Enter reads it, Esc leaves.": "Ziehen Sie einen Rahmen um: %s. Pfeile verschieben ihn, Umschalt und Pfeile ändern die Größe, Enter liest, Esc bricht ab.",
 "Find the case “%s”": "Vorgang „%s“ suchen",
 "Given back": "Zurückgegeben",
 "Go to": "Gehe zu",
 "Guidance closed.": "Hinweise geschlossen.",
 "Guidance shown: %(reason)s": "Hinweise zu: %(reason)s",
 "Hold Ctrl or Cmd with it: this key works in the middle of a text.": "Halten Sie dazu Strg oder Cmd: Diese Taste wirkt auch mitten im Text.",
 "It could not be tried. Try again.": "Das Ausprobieren ging nicht. Versuchen Sie es noch einmal.",
 "Match %s, on page %s": "Treffer %s, auf Seite %s",
 "No connection. What you have typed stays on this page and is sent once the connection is back.": "Keine Verbindung. Ihre Eingaben bleiben auf dieser Seite und werden gesendet, sobald die Verbindung wieder steht.",
 "No key": "Keine Taste",
 "No source found for this field.": "Für dieses Feld wurde keine Fundstelle gefunden.",
 "No verdict is chosen.": "Kein Votum ist gewählt.",
 "Not saved yet": "Noch nicht gespeichert",
 "Not saved: you are signed out, or there is no connection. What you typed stays here.": "Nicht gespeichert: Sie sind abgemeldet, oder es gibt keine Verbindung. Ihre Eingaben bleiben hier.",
 "Nothing found": "Nichts gefunden",
 "Nothing found; %s page has no words to search": [
  "Nichts gefunden; %s Seite hat keinen durchsuchbaren Text",
  "Nichts gefunden; %s Seiten haben keinen durchsuchbaren Text"
 ],
 "Nothing is called that.": "So heißt hier nichts.",
 "Queue": "Postkorb",
 "Quoted in the explanation.": "In der Begründung zitiert.",
 "Reading…": "Wird gelesen …",
 "Reason": "Grund",
 "Region: arrows move it, Shift and arrows resize it, Enter reads it, Esc leaves": "Ausschnitt: Pfeile verschieben, Umschalt und Pfeile ändern die Größe, Enter liest, Esc bricht ab",
 "Sign and submit": "Unterzeichnen und abgeben",
 "Sign in": "Anmelden",
 "Sign in in another window": "In einem anderen Fenster anmelden",
 "Sign your verdict": "Unterzeichnen Sie Ihr Votum",
 "Start with %s": "Beginnen mit %s",
 "Submit all the same?": "Trotzdem abgeben?",
 "That was not saved. Try once more, or load the page again.": "Das wurde nicht gespeichert. Versuchen Sie es noch einmal, oder laden Sie die Seite neu.",
 "The case goes back to its queue in %s unless you go on. Your draft is kept.": "Der Vorgang geht in %s in seinen Postkorb zurück, wenn Sie nicht weiterarbeiten. Ihr Entwurf bleibt erhalten.Der Vorgang geht in %s in seinen Postkorb zurück, wenn Sie nicht weiterarbeiten. Ihr Entwurf bleibt erhalten.",
 "The explanation has no room for that.": "Dafür ist in der Begründung kein Platz mehr.",
 "The region was not read. Try again.": "Der Ausschnitt wurde nicht gelesen. Versuchen Sie es noch einmal.",
 "The reply names the appointment.": "Die Antwort nennt den Termin.",
 "The search did not work. Try again.": "Die Suche hat nicht geklappt. Versuchen Sie es noch einmal.",
 "This goes against the person the case is about": "Das geht gegen die Person, um die es geht",
 "Threshold, from the strictest to the widest": "Schwelle, von der strengsten zur weitesten",
 "Trying it on the last cases…": "Wird an den letzten Vorgängen ausprobiert …",
 "Use %s, as this browser": "%s verwenden, wie dieser Browser",
 "Verdict": "Votum",
 "Yes, this is my verdict": "Ja, das ist mein Votum",
 "You can undo this for a few seconds.": "Sie können das noch einige Sekunden lang zurücknehmen.",
 "You were signed out. Sign in again; what you typed is kept.": "Sie wurden abgemeldet. Melden Sie sich wieder an; Ihre Eingaben bleiben erhalten."
};
