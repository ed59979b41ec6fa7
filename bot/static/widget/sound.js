// The sound of an answer that came.

let audio;

// Two soft tones, made here: no file that a page must allow.
function chime() {
  audio ||= new AudioContext();
  audio.resume();
  [660, 880].forEach((pitch, index) => {
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    const at = audio.currentTime + 0.13 * index;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.1, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.35);
  });
}
