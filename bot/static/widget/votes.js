// Votes: the thumbs under an answer, and under a thumb down its reasons and a comment.

const REASONS = ["wrong", "unclear", "outdated", "other"];

class Votes {
  votings = {}; // message id → what only this page knows of a vote: {asking, thanked}
  drawVote = new Map(); // message id → redraws its thumbs

  // rated(id, vote) is told of each vote.
  constructor(words, conversation, log, rated) {
    Object.assign(this, { words, conversation, log, rated });
  }

  feedback({ id }) {
    const [up, down] = [this.thumb(id, "up"), this.thumb(id, "down")];
    const thanks = h("span", { className: "thanks", role: "status" });
    const chips = REASONS.map((reason) => this.reason(id, reason));
    const form = this.form(id, chips);
    this.drawVote.set(id, () => {
      const { rating, reason } = this.vote(id) || {};
      up.ariaPressed = String(rating === "up");
      down.ariaPressed = String(rating === "down");
      for (const button of chips) button.ariaPressed = String(button.dataset.reason === reason);
      form.hidden = !this.voting(id).asking;
      thanks.textContent = this.voting(id).thanked ? this.words.text("thanks") : "";
    });
    this.draw(id);
    return { thumbs: [up, down, thanks], form };
  }

  thumb(id, rating) {
    const label = this.words.text(rating);
    const onclick = () => this.rate(id, { rating });
    return h("button", { className: `thumb thumb-${rating}`, title: label, "aria-label": label, onclick }, icon("thumb"));
  }

  reason(id, reason) {
    const onclick = () => this.rate(id, { ...this.vote(id), reason });
    return h("button", { className: "reason", "data-reason": reason, onclick }, this.words.text(reason));
  }

  form(id, chips) {
    const [placeholder, label] = [this.words.text("comment"), this.words.text("sendComment")];
    const comment = h("input", { className: "comment", maxLength: 1000, placeholder, "aria-label": placeholder });
    const send = h("button", { type: "submit", className: "comment-send", "aria-label": label }, icon("send"));
    const onsubmit = (event) => {
      event.preventDefault();
      if (comment.value.trim()) this.rate(id, { ...this.vote(id), comment: comment.value.trim() });
      this.voting(id).asking = false;
      this.draw(id);
    };
    return h("form", { className: "reasons", onsubmit },
      h("p", {}, this.words.text("why")), h("div", {}, ...chips), h("div", {}, comment, send));
  }

  vote(id) {
    return this.conversation.votes[id];
  }

  voting(id) {
    return (this.votings[id] ||= {});
  }

  draw(id) {
    this.drawVote.get(id)?.();
  }

  rate(id, vote) {
    this.log.stay(() => {
      Object.assign(this.voting(id), { asking: vote.rating === "down", thanked: false });
      this.conversation.vote(id, vote);
      this.draw(id);
    });
    this.rated(id, vote);
  }

  thanked(id) {
    this.voting(id).thanked = true;
    this.draw(id);
  }

  stopAsking() {
    for (const id of this.drawVote.keys()) {
      this.voting(id).asking = false;
      this.draw(id);
    }
  }

  forget() {
    this.drawVote.clear();
  }
}
