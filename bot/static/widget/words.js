// The words of the chat, in the customer's language: the page's own, else the service's, else ours.

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;

const languageOf = (locale) => (/^zh/.test(locale) ? "zh" : "en");
const characters = (text) => [...text].length;
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// "en_US" means en-US; what is no locale is English.
function localeOf(name) {
  try {
    return Intl.getCanonicalLocales(String(name).replace("_", "-"))[0];
  } catch {
    return "en";
  }
}

class Words {
  constructor(locale) {
    this.speak(locale);
  }

  speak(locale, own) {
    this.locale = localeOf(locale);
    this.own = own; // the page's
    this.told = undefined; // the service's, as it tells them in its welcome
  }

  welcome(told, locale) {
    this.told = told;
    this.locale = localeOf(locale || this.locale);
  }

  get language() { return this.own ? this.locale : languageOf(this.locale); }

  get direction() { return options.dir || (RIGHT_TO_LEFT.test(this.locale) ? "rtl" : "ltr"); }

  text(key, values = {}) {
    return fill(this.own?.[key] || this.told?.[key] || TEXTS[languageOf(this.locale)][key] || key, values);
  }

  // Why something was refused: by its code, ours or welcome's, else as the error says it.
  cause({ error, detail, text = "" }, max) {
    const told = this.text(error, { n: characters(text), max });
    return told === error ? detail || "" : told;
  }

  nameOf({ role = "system", author }) {
    return author || this.text(role === "customer" ? "you" : role);
  }

  statusOf(mode) {
    return this.text(mode === "bot" ? "back" : `mode_${mode}`);
  }

  imageLabel(found) {
    return found ? this.text("imageSaying", { text: found.slice(0, 200) }) : this.text("image");
  }

  moment(at, format) {
    const region = navigator.languages.find((language) => language.startsWith(this.locale)) || this.locale;
    return new Intl.DateTimeFormat(region, format).format(new Date(at));
  }
}
