ф▒
uВRE▒[АVy╙S	з°╔└щjИ╧LкЁ8щид╛c
Wq▓"q┬z╤╞╣Ы╔w!bt`:║w√╙╜²G