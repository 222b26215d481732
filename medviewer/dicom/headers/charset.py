"""Texts of any declared character set, and of sets that were declared wrongly.

Chinese bytes (GBK, GB18030) or UTF-8 under a declaration of Latin-1 or of nothing are common (dicomParser#89). They are
read for what they are only where that leaves no doubt: the names of Europe must come out as they were written.
"""

import re
import warnings
from collections.abc import Iterable

_PN_DELIMITERS = {0x5C, 0x5E, 0x3D, 0x0D, 0x0A, 0x09, 0x0C}  # code extensions end at these (PS3.5 6.1.2.5.3)
_LATIN = {"", "ISO_IR 6", "ISO_IR 100", "ISO 2022 IR 6", "ISO 2022 IR 100"}
_UTF_8 = "ISO_IR 192"
_ALONE = {_UTF_8: "utf-8", "GB18030": "gb18030", "GBK": "gb18030"}  # forbid code extensions beside them
_NEWER = {"ISO_IR 203": "iso8859_15", "ISO 2022 IR 203": "iso8859_15"}  # Latin-9, not yet known to pydicom
_PAIRS = re.compile(rb"(?:[\x81-\xfe][\x40-\x7e\x80-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]+")
# As cp1251 would read a Russian word: one capital at most, then small letters; or capitals alone.
_CYRILLIC_WORD = re.compile(rb"[\xc0-\xdf\xa8]?[\xe0-\xff\xb8]+|[\xc0-\xdf\xa8]+")
# A letter with an accent beside a sign such as » or ±: no name of Europe has that.
_SIGN_IN_WORD = re.compile(
    rb"[\xc0-\xff][\xa1-\xa9\xab-\xb3\xb5-\xb6\xb8-\xb9\xbb-\xbf]|[\xa1-\xa9\xab-\xb3\xb5-\xb6\xb8-\xb9\xbb-\xbf][\xc0-\xff]"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_OF_CHINESE_TEXT = re.compile(
    r"[\x00-\x7f\u4e00-\u9fff\u3400-\u4dbf\u3000-\u3017\uff00-\uff5e\u00b7\u2014\u201c\u201d\u2026\u2160-\u216b]*"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文庞樊兰殷施洪翟安颜倪牛温芦季俞章鲁葛伍"
    "申尤毕聂柴焦柳邢岳齐梅庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位霍翁隋植甘景薄单包司柏宁柯阮"
    "桂闵解强华车冉房边晏桑鄢戚褚祖宫窦娄敖臧邬卓穆原党焉佟廉芮储骆连计燕冷应宗丘晋皇诸东赫澹端呼尉慕轩俟淳仲长叔屠宇徒仝滕桓逄班"
    "昝练刁佘冼邝麦岑阎幸揭巫盘晁谌荆亓"
)
# The characters of most given names and of the words of radiology.
_COMMON = _SURNAMES | frozenset(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红娥玲芬芝燕彩春菊兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉"
    "桃花宝珠晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希"
    "欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思建国文辉力永健世广志义兴良海山仁波贵福生龙元全胜学祥才发武新利清飞彬富"
    "顺信子星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁"
    "栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘俊宇涵轩浩然梓诗雨萱一诺欣怡子涵浩宇雨泽皓睿昊铭妍紫萌可馨"
    "雅琪鑫钰琦璐璇珺玥晗昕帆凯源恒翠长根银木火土水川东西南北大小男女老少百千万亿二三四五六七八九十连双喜连昌隆邦彦培森淑惠慧芹"
    "胸腹部头颅颈椎腰骨盆肺肝胆脾胰肾膀胱子宫前列腺乳心脏血管动静脉脑鼻窦眼眶耳颞甲状腺纵隔食管胃肠结直盲十二指膝肩肘腕髋踝手足脚"
    "关节脊柱胸骨肋软组织平扫增强薄层重建三维冠矢轴位正侧斜左右上下中内外双侧单期相延迟动脉门静造影注射检查扫描序列图像定位常规急诊"
    "基堃喆玥珺瑄煜焱垚犇晔珂琬妤祎祺禾禹舟屿汐沐洛淇渊溪澄灏"
    "门诊住院医院科室放射影像医学中心附属第一二三人民大学市省县区肿瘤病变结节钙化积液炎症出血梗塞骨折术后复查随访体检健康普通高分辨率"
    "低剂量灌注弥散加权抑脂压水液体衰减反转恢复成像序列横断面矢状面冠状面全身局部介入穿刺引导活检治疗规划计划号码床本院外院不详无有"
)  # fmt: skip


def decode_text(raw: bytes, charset: bytes) -> str:
    """Decode text that is not plain ASCII by SpecificCharacterSet, ISO 2022 included; never fails."""
    from pydicom.charset import convert_encodings, decode_bytes

    names = [_NEWER.get(name, name) for name in _declared(charset)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(decode_bytes(raw, convert_encodings(names), _PN_DELIMITERS))
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("utf-8", "replace")


def codec_instead(name: bytes, texts: Iterable[bytes], charset: bytes) -> str:
    """Return the codec of the patient's ``name`` and the ``texts`` of a file where ``charset`` is wrong, else ""."""
    doubtful = b"\n".join(text for text in (name, *texts) if not text.isascii())
    if not doubtful or b"\x1b" in doubtful:
        return ""
    declared = _declared(charset)
    alone = [_ALONE[each] for each in declared[1:] if each in _ALONE]
    if alone:  # a set that must stand alone, declared as a second one
        return alone[0] if _decoded(doubtful, alone[0]) else ""
    return _found(doubtful, name, declared) if declared == [_UTF_8] or set(declared) <= _LATIN else ""


def _found(doubtful: bytes, name: bytes, declared: list[str]) -> str:
    """Return the codec that bytes declared as UTF-8 or Latin-1 are in; "" where the declaration may hold."""
    text = _decoded(doubtful, "utf-8")
    if declared == [_UTF_8] and text:
        return ""
    if text and max(text) >= "\u0800":  # three bytes in UTF-8: no accident
        return "utf-8"
    if _is_chinese(doubtful, _decoded(name, "gb18030")):
        return "gb18030"
    return "utf-8" if text else ""


def _declared(charset: bytes) -> list[str]:
    return [part.strip(" \0") for part in charset[:256].decode("ascii", "replace").split("\\")]


def _decoded(raw: bytes, codec: str) -> str:
    """Return ``raw`` decoded strictly, "" where that fails or gives control characters of Latin-1."""
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError:
        return ""
    return "" if any("\x80" <= sign < "\xa0" for sign in text) else text


def _is_chinese(raw: bytes, name: str) -> bool:
    """Whether bytes that may be Latin-1 are beyond doubt Chinese in GB18030; ``name``: the patient's, read so.

    No European word has four letters with accents in a row; a shorter run counts only where no ASCII letter touches it.
    """
    text = _decoded(raw, "gb18030")
    named = _CHINESE.findall(name)
    if not _OF_CHINESE_TEXT.fullmatch(text) or not _likely(_CHINESE.findall(text), named):
        return False
    words = _HIGH.findall(raw)
    longer = [word for word in words if len(word) > 2]
    if longer and all(_CYRILLIC_WORD.fullmatch(word) for word in longer):
        return False
    if any(len(word) >= 4 for word in words) or (named and named[0] in _SURNAMES and _SIGN_IN_WORD.search(raw)):
        return True
    return not any(_touches_letters(raw, run) for run in _PAIRS.finditer(raw))


def _likely(signs: list[str], name: list[str]) -> bool:
    """Whether the characters are common and the name begins like one: Korean or Russian bytes give others."""
    common = sum(sign in _COMMON for sign in signs)
    if len(name) > 1 and name[0] in _SURNAMES:
        return 2 * common >= len(signs)
    if name and len(signs) < 6:
        return False
    return len(signs) > 1 and common >= (0.75 if len(signs) > 3 else 1) * len(signs)


def _touches_letters(raw: bytes, run: re.Match[bytes]) -> bool:
    """Whether an ASCII letter stands in, before or behind a run of double bytes: so it is in European words."""
    around = raw[max(run.start() - 1, 0) : run.end() + 1]
    return any(chr(byte).isalpha() for byte in around if byte < 0x80)
