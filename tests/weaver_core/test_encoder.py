"""Encoders: exported once, lossless, and refused by name when something is wrong with their files."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from tests import tiny_encoder
from weaver_core.encoders import export, pooled_transformer, sources
from weaver_core.encoders.encoder import CONFIG, GRAPH, OnnxEncoder
from weaver_core.encoders.tokenizing import TOKENIZER
from weaver_core.errors import EncoderDamagedError, EncoderNotFoundError, NoTokensError

TEXTS = ["Where is my parcel?", "return", "我的快递到哪了", "how long does a refund take " * 40, "a b c"]


@pytest.fixture(scope="module")
def source_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer transformer in Hugging Face's layout."""
    return tiny_encoder.write(tmp_path_factory.mktemp("source") / "tiny", TEXTS)


@pytest.fixture(scope="module")
def exported_folder(source_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, exported."""
    return export.exported(sources.find(str(source_folder)), tmp_path_factory.mktemp("cache"))


def test_the_exported_graph_gives_the_torch_modules_vectors(source_folder: Path, exported_folder: Path) -> None:
    encoder = OnnxEncoder(exported_folder)
    tokens = AutoTokenizer.from_pretrained(source_folder)(
        TEXTS, padding=True, truncation=True, max_length=128, return_tensors="pt"
    )
    with torch.inference_mode():
        expected = pooled_transformer.load(source_folder)(tokens["input_ids"], tokens["attention_mask"]).numpy()
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_a_texts_vector_does_not_depend_on_its_company(exported_folder: Path) -> None:
    encoder = OnnxEncoder(exported_folder)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)


def test_the_words_that_the_tokenizer_keeps_whole_are_known(exported_folder: Path) -> None:
    words = OnnxEncoder(exported_folder).whole_words()
    assert {"parcel", "refund", "takes"} & set(words) == {"parcel", "refund"}
    assert not [word for word in words if not word.isalpha()]


def test_whoever_made_the_runtime_is_told_nothing(exported_folder: Path, tmp_path: Path) -> None:
    # What it would tell, it keeps in its user's folder until it can send it.
    encode = (
        "import sys, pathlib; from weaver_core.encoders.encoder import OnnxEncoder as E;"
        "E(pathlib.Path(sys.argv[1])).encode(['a'])"
    )
    kept_out = {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "ORT_DISABLE_TELEMETRY": ""}
    environment = {name: value for name, value in (os.environ | kept_out).items() if name != "CI"}
    subprocess.run([sys.executable, "-c", encode, exported_folder], env=environment, check=True)
    assert not list(tmp_path.iterdir())


def test_no_texts_have_no_vectors(exported_folder: Path) -> None:
    encoder = OnnxEncoder(exported_folder)
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_second_export_is_the_first_one(source_folder: Path, exported_folder: Path) -> None:
    source = sources.find(str(source_folder))
    assert export.is_exported(source, exported_folder.parent)
    before = (exported_folder / GRAPH).stat().st_mtime_ns
    assert export.exported(source, exported_folder.parent) == exported_folder
    assert (exported_folder / GRAPH).stat().st_mtime_ns == before


def test_other_weights_make_another_version(source_folder: Path, exported_folder: Path, tmp_path: Path) -> None:
    other = tiny_encoder.write(tmp_path / "tiny", TEXTS, seed=8)
    exported = export.exported(sources.find(str(other)), tmp_path / "cache")
    assert OnnxEncoder(exported).version != OnnxEncoder(exported_folder).version
    assert source_folder != other


def test_weights_with_another_checksum_are_refused(source_folder: Path, tmp_path: Path) -> None:
    source = sources.Source("tiny", source_folder / sources.WEIGHTS, weights_sha256="0" * 64)
    with pytest.raises(EncoderDamagedError, match="checksum"):
        export.exported(source, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_encoder_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderNotFoundError, match="nowhere"):
        sources.find(str(tmp_path / "nowhere"))


def test_a_graph_that_was_cut_short_is_refused(exported_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported_folder, tmp_path / "cut"))
    graph = folder / GRAPH
    graph.write_bytes(graph.read_bytes()[:1000])
    with pytest.raises(EncoderDamagedError, match="cannot be opened"):
        OnnxEncoder(folder)


@pytest.mark.parametrize("content", [None, "{", json.dumps({"version": "x"})])
def test_a_configuration_that_says_too_little_is_refused(
    exported_folder: Path, tmp_path: Path, content: str | None
) -> None:
    folder = Path(shutil.copytree(exported_folder, tmp_path / "broken"))
    (folder / CONFIG).unlink()
    if content is not None:
        (folder / CONFIG).write_text(content)
    with pytest.raises(EncoderDamagedError, match=CONFIG):
        OnnxEncoder(folder)


def test_a_transformer_that_was_cut_short_is_refused(source_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder, tmp_path / "cut"))
    weights = folder / sources.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(EncoderDamagedError, match="cannot be loaded"):
        export.exported(sources.find(str(folder)), tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_text_is_the_mean_of_its_tokens_states(source_folder: Path, exported_folder: Path) -> None:
    encoder = OnnxEncoder(exported_folder)
    text = "Where is my parcel?"
    (found,) = encoder.states([text])
    assert [text[start:end] for start, end in found.spans] == ["Where", "is", "my", "parcel", "?"]
    tokens = AutoTokenizer.from_pretrained(source_folder)([text], return_tensors="pt")
    module = pooled_transformer.load(source_folder)
    with torch.inference_mode():
        words = torch.nn.functional.embedding(tokens["input_ids"], module.embeddings)
        _, expected = module.read(words, tokens["attention_mask"])
    np.testing.assert_allclose(found.states, expected[0, 1:-1].numpy(), atol=1e-4)
    assert found.own.tolist() == [False, True, True, True, True, True, False]
    mean = found.pooled.mean(axis=0)
    np.testing.assert_allclose(mean / np.linalg.norm(mean), encoder.encode([text])[0], atol=1e-6)


def test_states_of_a_prefixed_text_lie_at_the_texts_own_characters(source_folder: Path, tmp_path: Path) -> None:
    source = replace(sources.find(str(source_folder)), prefix="parcel: ")
    encoder = OnnxEncoder(export.exported(source, tmp_path))
    (found,) = encoder.states(["where is parcel"])
    assert ["where is parcel"[start:end] for start, end in found.spans] == ["where", "is", "parcel"]


@pytest.mark.parametrize("name", ["embeddings.word_embeddings.weight", "encoder.layer.1.output.dense.bias"])
def test_weights_that_are_not_numbers_are_refused(name: str, source_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder, tmp_path / "nan"))
    state = load_file(folder / sources.WEIGHTS)
    state[name].view(-1)[3] = float("nan")
    save_file(state, folder / sources.WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(EncoderDamagedError, match="not finite"):
        export.exported(sources.find(str(folder)), tmp_path / "cache")


def test_weights_of_another_shape_are_refused(source_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder, tmp_path / "shape"))
    state = load_file(folder / sources.WEIGHTS)
    state["encoder.layer.1.output.dense.weight"] = torch.zeros(3, 5)
    save_file(state, folder / sources.WEIGHTS, metadata={"format": "pt"})
    with pytest.raises(EncoderDamagedError, match="cannot be loaded"):
        export.exported(sources.find(str(folder)), tmp_path / "cache")


def test_a_tokenizer_that_knows_more_tokens_than_the_encoder_is_refused(exported_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported_folder, tmp_path / "other"))
    wide = tiny_encoder.write(tmp_path / "wide", [*TEXTS, "many more words than the encoder was made for"])
    shutil.copyfile(wide / TOKENIZER, folder / TOKENIZER)
    with pytest.raises(EncoderDamagedError, match="tokens, but the encoder only"):
        OnnxEncoder(folder)


def test_a_tokenizer_file_that_was_cut_short_is_refused(exported_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(exported_folder, tmp_path / "cut"))
    (folder / TOKENIZER).write_bytes((folder / TOKENIZER).read_bytes()[:500])
    with pytest.raises(EncoderDamagedError, match="cannot be opened"):
        OnnxEncoder(folder)


def test_a_text_without_tokens_is_named(source_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder, tmp_path / "bare"))
    tokenizer = json.loads((folder / TOKENIZER).read_text())
    # Without the marks of begin and end, an empty text is nothing but padding.
    tokenizer["post_processor"] = None
    (folder / TOKENIZER).write_text(json.dumps(tokenizer))
    encoder = OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path / "cache"))
    with pytest.raises(NoTokensError, match="makes no tokens"):
        encoder.encode(["return", ""])


def test_the_languages_of_a_folder_are_those_that_it_names(source_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(source_folder, tmp_path / "named"))
    (folder / "weaver.json").write_text('{"languages": ["en", "fr"]}')
    assert sources.find(str(folder)).languages == ("en", "fr")
    (folder / "weaver.json").unlink()
    assert sources.find(str(folder)).languages == ()
    (folder / "weaver.json").write_text("[]")
    with pytest.raises(EncoderDamagedError, match="names no languages"):
        sources.find(str(folder))
