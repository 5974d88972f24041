// A page that came by fetch, in the parts that take the places of those of the page that is open.
const SHEETS = 2;
const THUMBS = 8;

// The parts as elements of this document that stand nowhere yet. Their images wait for their turn.
export function parsed(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  for (const image of main.querySelectorAll("img")) image.loading = "lazy";
  return {
    title: page.title,
    look: page.body.className,
    styles: [...page.querySelectorAll("link[rel=stylesheet]")].map((link) => link.getAttribute("href")),
    messages: document.importNode(page.querySelector(".messages"), true),
    main: document.importNode(main, true),
  };
}

// The images that a reader of the page sees at once.
export function firstImages(main) {
  const sheets = [...main.querySelectorAll("[data-sheet] img")].slice(0, SHEETS);
  return [...sheets, ...[...main.querySelectorAll("[data-thumb] img")].slice(0, THUMBS)];
}

// Puts the parts in place, once the styles that this page lacks are there. Nothing of the old main part is left.
export async function putInPlace({ title, look, styles, messages, main }) {
  await Promise.all(styles.filter(lacking).map(added));
  document.title = title;
  document.body.className = look;
  document.querySelector(".messages").replaceWith(messages);
  document.getElementById("main").replaceChildren(...main.childNodes);
  scrollTo(0, 0);
}

function lacking(href) {
  return !document.head.querySelector(`link[href="${CSS.escape(href)}"]`);
}

function added(href) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  document.head.append(link);
  return new Promise((done) => {
    link.onload = done;
    link.onerror = done;
  });
}
