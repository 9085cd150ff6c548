// Drives the published signing tool for many files in one virtual machine:
//
//   java -cp tool.jar Driver.java
//
// Each line of standard input is "Sign FILE" or "Validate FILE"; the answer is one line with the tool's exit code. What the
// tool prints goes to FILE.out, what it reports to FILE.err.
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import uk.co.smartdcc.boxed.xmldsig.ResultCode;
import uk.co.smartdcc.boxed.xmldsig.Sign;
import uk.co.smartdcc.boxed.xmldsig.Validate;

public class Driver {
    public static void main(String[] none) throws Exception {
        PrintStream answers = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.split(" ", 2);
            ResultCode code;
            try (PrintStream out = new PrintStream(new FileOutputStream(words[1] + ".out"));
                    PrintStream err = new PrintStream(new FileOutputStream(words[1] + ".err"))) {
                System.setOut(out);
                System.setErr(err);
                if (words[0].equals("Sign")) {
                    code = Sign.main_aux(new String[] {words[1], "--preserveCounter"});
                } else {
                    code = Validate.main_aux(new String[] {words[1]});
                }
            }
            answers.println(code.value());
        }
    }
}
