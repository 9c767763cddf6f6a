namespace EdgeRoute.Engine.Doctor;

/// <summary>Finds the element names in the text of a GStreamer pipeline, to say beforehand which of them the machine lacks.</summary>
public static class PipelineElements
{
    /// <summary>
    /// The first word of each part between '!', where it is an element: not caps (they have a '/'), not a reference to a pad or a named
    /// element (they have a '.') and not a property (they have a '='). Text in quotes is passed over.
    /// </summary>
    public static IReadOnlyList<string> In(string pipeline)
    {
        var names = new List<string>();
        foreach (string part in WithoutQuotes(pipeline).Split('!'))
        {
            string word = part.Trim(' ', '\t', '\n', '\r', '(', ')').Split([' ', '\t', '\n'], 2)[0];
            if (word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && !names.Contains(word))
            {
                names.Add(word);
            }
        }

        return names;
    }

    private static string WithoutQuotes(string text) => string.Concat(text.Split('"').Where((_, i) => i % 2 == 0));
}
