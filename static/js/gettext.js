// The words of scripts in the page's language, by the functions that gettext has; English where no catalogue is loaded.
{
  const words = window.words ?? {};
  const said = (key, text) => [words[key] ?? text].flat()[0];

  window.gettext = (text) => said(text, text);
  window.pgettext = (context, text) => said(`${context}\u0004${text}`, text);
  window.ngettext = (one, many, count) => (words[one] ?? [one, many])[count === 1 ? 0 : 1];

  // Puts values into "%s of %s" or, where they have names, into "%(done)s of %(all)s".
  window.interpolate = (text, values, named) => {
    const unnamed = named ? [] : [...values];
    return named ? text.replace(/%\((\w+)\)s/g, (_, name) => values[name]) : text.replace(/%s/g, () => unnamed.shift());
  };
}
